package chain

// appVersion is raised when the same blocks would give another state.
const appVersion = 1

// engineVersion is what stands in blocks, and stays.
const engineVersion = 1
