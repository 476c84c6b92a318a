"""Constants of nature (CODATA 2018, exact in the SI) and the standard conditions that the field uses."""

GAS_CONSTANT = 8.314462618  # J/(mol K)
BOLTZMANN = 1.380649e-23  # J/K
AVOGADRO = 6.02214076e23  # 1/mol
ZERO_CELSIUS = 273.15  # K
ATMOSPHERE = 101_325.0  # Pa
STANDARD_TEMPERATURE = 298.15  # K, "25 degC": the temperature of a duty that names none
