"""The REST API's resources, one module each; every module announces its endpoints with `routes()`."""
