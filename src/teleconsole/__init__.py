"""A desktop console for clinicians: live visits and an encrypted offline case queue in one record."""
