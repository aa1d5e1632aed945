# What must not be lost: database, files, cache with the queue; all encrypted with one key of our own.
variable "name" { type = string }
variable "domain" { type = string }
variable "vpc_id" { type = string }
variable "private_subnets" { type = list(string) }
variable "tasks_group" { type = string }
variable "database_class" { type = string }
variable "database_storage" { type = number }
variable "multi_az" { type = bool }
variable "backup_days" { type = number }
variable "cache_node_type" { type = string }
variable "redis_password" {
  type      = string
  sensitive = true
}
variable "deletion_protected" { type = bool }

resource "aws_kms_key" "main" {
  description             = "${var.name}: database, files, cache, secrets"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_security_group" "data" {
  name        = "${var.name}-data"
  description = "PostgreSQL and Redis from the tasks"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "postgresql" {
  security_group_id            = aws_security_group.data.id
  description                  = "PostgreSQL from the tasks alone"
  referenced_security_group_id = var.tasks_group
  from_port                    = 5432
  to_port                      = 5432
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_ingress_rule" "redis" {
  security_group_id            = aws_security_group.data.id
  description                  = "Redis from the tasks alone"
  referenced_security_group_id = var.tasks_group
  from_port                    = 6379
  to_port                      = 6379
  ip_protocol                  = "tcp"
}

resource "aws_db_subnet_group" "main" {
  name       = var.name
  subnet_ids = var.private_subnets
}

resource "aws_db_parameter_group" "main" {
  name   = var.name
  family = "postgres15"
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_db_instance" "main" {
  identifier                   = var.name
  engine                       = "postgres"
  engine_version               = "15"
  instance_class               = var.database_class
  allocated_storage            = var.database_storage
  max_allocated_storage        = var.database_storage * 4
  db_name                      = "pydotorg"
  username                     = "pydotorg"
  manage_master_user_password  = true
  storage_encrypted            = true
  kms_key_id                   = aws_kms_key.main.arn
  multi_az                     = var.multi_az
  publicly_accessible          = false
  backup_retention_period      = var.backup_days
  copy_tags_to_snapshot        = true
  deletion_protection          = var.deletion_protected
  skip_final_snapshot          = false
  final_snapshot_identifier    = "${var.name}-final"
  auto_minor_version_upgrade   = true
  performance_insights_enabled = true
  parameter_group_name         = aws_db_parameter_group.main.name
  db_subnet_group_name         = aws_db_subnet_group.main.name
  vpc_security_group_ids       = [aws_security_group.data.id]

  performance_insights_kms_key_id = aws_kms_key.main.arn
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
}

resource "aws_elasticache_subnet_group" "main" {
  name       = var.name
  subnet_ids = var.private_subnets
}

resource "aws_elasticache_replication_group" "main" {
  replication_group_id       = var.name
  description                = "Queue and cache"
  engine                     = "redis"
  node_type                  = var.cache_node_type
  num_cache_clusters         = var.multi_az ? 2 : 1
  automatic_failover_enabled = var.multi_az
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  # The same password is in the secret REDIS_URL: rediss://:password@host:6379/0.
  auth_token         = var.redis_password
  kms_key_id         = aws_kms_key.main.arn
  subnet_group_name  = aws_elasticache_subnet_group.main.name
  security_group_ids = [aws_security_group.data.id]
}

# Images and documents of the site, read by every visitor; editors send large ones straight here.
resource "aws_s3_bucket" "files" {
  bucket = "${var.name}-files"
}

# Agreements and what sponsors have sent: for nobody but the site.
resource "aws_s3_bucket" "private" {
  bucket = "${var.name}-private"
}

resource "aws_s3_bucket_versioning" "files" {
  bucket = aws_s3_bucket.files.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_versioning" "private" {
  bucket = aws_s3_bucket.private.id
  versioning_configuration {
    status = "Enabled"
  }
}

# A backup lists the versions of its day: they stay for a year. Uploads that nobody finished go after a week.
resource "aws_s3_bucket_lifecycle_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  rule {
    id     = "clear"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
    noncurrent_version_expiration {
      noncurrent_days = 365
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "private" {
  bucket = aws_s3_bucket.private.id
  rule {
    id     = "clear"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
    noncurrent_version_expiration {
      noncurrent_days = 365
    }
  }
}

# Visitors have no right to a key of ours, so the public bucket is encrypted with the store's own.
resource "aws_s3_bucket_server_side_encryption_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "private" {
  bucket = aws_s3_bucket.private.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.main.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "files" {
  bucket                  = aws_s3_bucket.files.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = false
  restrict_public_buckets = false
}

resource "aws_s3_bucket_public_access_block" "private" {
  bucket                  = aws_s3_bucket.private.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "files" {
  bucket = aws_s3_bucket.files.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.files.arn}/media/*" }]
  })
}

resource "aws_s3_bucket_cors_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  cors_rule {
    allowed_methods = ["PUT"]
    allowed_origins = ["https://${var.domain}"]
    allowed_headers = ["content-type"]
  }
}

output "database_id" { value = aws_db_instance.main.identifier }
output "bucket" { value = aws_s3_bucket.files.bucket }
output "bucket_arn" { value = aws_s3_bucket.files.arn }
output "private_bucket" { value = aws_s3_bucket.private.bucket }
output "private_bucket_arn" { value = aws_s3_bucket.private.arn }
output "key_arn" { value = aws_kms_key.main.arn }
