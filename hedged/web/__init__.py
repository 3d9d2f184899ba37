"""The API, the metrics and the dashboard: they read, and pass an operator's word on."""
