"""The FHIR client."""
