"""Steps of the pipeline that combine several packages; only `loaders.pipeline` knows their order."""
