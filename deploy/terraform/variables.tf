variable "environment" {
  description = "test, staging or production"
  type        = string
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "zones" {
  description = "Availability zones, at least two"
  type        = list(string)
  default     = ["us-east-1a", "us-east-1b"]
  validation {
    condition     = length(var.zones) >= 2
    error_message = "Name at least two availability zones."
  }
}

variable "domain" {
  description = "The host name of the site"
  type        = string
}

variable "zone_name" {
  description = "The zone of Route 53 that holds the host name"
  type        = string
}

variable "image" {
  description = "The image with its tag, which is the commit"
  type        = string
}

variable "repository" {
  description = "Name of the repository in ECR"
  type        = string
  default     = "pydotorg"
}

variable "cpu" {
  description = "Units of one task, 1024 to a processor"
  type        = number
  default     = 512
}

variable "memory" {
  description = "MiB of one task"
  type        = number
  default     = 1024
}

variable "least_tasks" {
  type    = number
  default = 2
}

variable "most_tasks" {
  type    = number
  default = 6
}

variable "cpu_target" {
  description = "Per cent of processor time that scaling aims at"
  type        = number
  default     = 60
}

variable "database_class" {
  type    = string
  default = "db.t4g.small"
}

variable "database_storage" {
  description = "GiB"
  type        = number
  default     = 20
}

variable "multi_az" {
  description = "A second database server in another zone"
  type        = bool
  default     = true
}

variable "backup_days" {
  description = "Days back to which the database can be brought, to any second"
  type        = number
  default     = 14
}

variable "cache_node_type" {
  type    = string
  default = "cache.t4g.micro"
}

variable "requests_per_ip" {
  description = "Requests of one address in five minutes, before the firewall refuses"
  type        = number
  default     = 3000
}

variable "blocked_regions" {
  description = "Country codes that are refused; none by default"
  type        = list(string)
  default     = []
}

variable "alarm_mail" {
  type = string
}

variable "monthly_dollars" {
  description = "Above this, the budget writes a mail"
  type        = number
  default     = 400
}

variable "redis_password" {
  description = "Of the queue and the cache, 16 characters or more: TF_VAR_redis_password, never in a file"
  type        = string
  sensitive   = true
}

variable "cdn_backend" {
  description = "Where purge requests go: fastly, http, or none without a CDN"
  type        = string
  default     = "fastly"
}

variable "cdn_service_id" {
  description = "Fastly service; the token is the parameter CDN_API_TOKEN"
  type        = string
}
