environment      = "production"
domain           = "www.python.org"
zone_name        = "python.org"
image            = "replaced by the deploy"
multi_az         = true
database_class   = "db.t4g.medium"
database_storage = 50
backup_days      = 30
alarm_mail       = "infrastructure-staff@python.org"
# The Fastly service: TF_VAR_cdn_service_id.
