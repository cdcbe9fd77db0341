package httpapi

// MaxHeld is the bound of what all requests hold.
const MaxHeld = maxHeld
