"""Cards and QR codes by the merchant REST protocol that many banks share (BPC "RBS"); settings `ABONENT_RBS_…`."""
