"""Google Cloud Storage: what is in a bucket, bringing it here whole, and versioning it with DVC."""
