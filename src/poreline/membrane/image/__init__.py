"""What an image of a structure measures: porosity, pore sizes, connection, transport. Files by the name of the measure."""
