"""What the desk does, as services: each joins the support policy with what is stored, and knows no channel."""
