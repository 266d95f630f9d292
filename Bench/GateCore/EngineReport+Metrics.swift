internal import Containers

// The numbers that tables and checks show. Rounds are the unit: medians are over rounds, percentiles
// come from merged histograms, since percentiles of percentiles mean nothing.
