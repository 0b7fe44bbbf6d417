"""Making and judging models; nothing here is needed to use one."""
