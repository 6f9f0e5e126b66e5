"""Pull and push between the FHIR server and the store."""
