"""What uptake costs, measured: a sync, the Overview, a chart, the made-up organisation, and ELT tools beside it."""
