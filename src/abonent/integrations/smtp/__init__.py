"""E-mail by SMTP: `ABONENT_MAIL_GATEWAY=abonent.integrations.smtp.gateway.Smtp` and the settings `ABONENT_SMTP_…`."""
