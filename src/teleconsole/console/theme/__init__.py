"""How everything looks: tokens, fonts, icons and the one style sheet, in three themes."""
