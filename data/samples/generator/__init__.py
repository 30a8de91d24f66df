"""Builds the fictional retailer's account through boto3 and exports it."""
