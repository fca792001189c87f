"""Reading posted pictures: zones, labels, barcodes, faces."""
