"""Small widgets that all panes share."""
