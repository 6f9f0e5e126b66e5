"""The made-up clinic of the demo and the tests: its FHIR server and its seeded patients and cases."""
