"""An API as Kids First has them: it takes jobs, which RQ's workers do, and tells of their results."""
