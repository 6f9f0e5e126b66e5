"""What the people of the journeys do: the clinic, the clinician at the console, the patient in the browser."""
