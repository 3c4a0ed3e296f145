"""The Python of the pipeline. Start reading at `loaders.pipeline`. Nothing here imports Airflow."""
