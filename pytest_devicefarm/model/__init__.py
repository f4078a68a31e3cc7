"""What a session is. Knows neither pytest nor boto3."""
