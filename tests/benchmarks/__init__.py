"""Measurements, not tests: `make bench` prints a table and writes `var/benchmarks.json`.

Claims about speed are ratios of two things measured in the same run.
"""
