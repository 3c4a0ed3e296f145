"""Pages for people who would rather look than read: served alone by `huimin pages`, or inside Airflow by a plugin.

`app.py` makes the application; `access/` decides who sees what; one module of `routes/` answers for each page; `templates/` and
`static/` are how it looks. Sentences are in `loaders/messages`, SQL is in `loaders/warehouse`.
"""
