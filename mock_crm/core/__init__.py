"""What both mock CRMs are built from: records, quota, faults, routing, and the ports they are served on."""
