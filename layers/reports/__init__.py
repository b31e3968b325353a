"""Reports: spreadsheets and the offline web map."""
