"""Regula's Document Reader and Face SDK web APIs as their OpenAPI and documentation show them."""
