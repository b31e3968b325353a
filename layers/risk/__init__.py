"""Risk: exposure, vulnerability, loss, grades, and the tables of the census by hazard and region."""
