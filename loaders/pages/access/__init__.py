"""Who looks at the pages: roles and scopes, login by token or by OpenID Connect, and the origin of writes."""
