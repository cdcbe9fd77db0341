package identity

// The stored form of a change.

func (w *writer) change(c *Change) {
	w.uint(uint64(c.Kind))
	w.bytes(c.Key)
	w.flag(c.Device != nil)
	if c.Device != nil {
		w.device(c.Device)
	}
	w.flag(c.Fields != nil)
	if c.Fields != nil {
		w.deviceChange(c.Fields)
	}
	w.texts(c.Keys)
	w.flag(c.Named)
}

func (r *reader) change() Change {
	c := Change{Kind: ChangeKind(r.uint()), Key: r.bytes()}
	if c.Kind == 0 || c.Kind > lastChange {
		r.fail()
	}
	if r.flag() {
		d := r.device()
		c.Device = &d
	}
	if r.flag() {
		c.Fields = r.deviceChange()
	}
	c.Keys = r.texts()
	c.Named = r.flag()
	return c
}

func (w *writer) deviceChange(c *DeviceChange) {
	w.flag(c.Alias)
	w.flag(c.CredentialID != nil)
	if c.CredentialID != nil {
		w.bytes(*c.CredentialID)
	}
	w.flag(c.Purpose != nil)
	if c.Purpose != nil {
		w.uint(uint64(*c.Purpose))
	}
	w.flag(c.KeyType != nil)
	if c.KeyType != nil {
		w.uint(uint64(*c.KeyType))
	}
	w.flag(c.Protected != nil)
	if c.Protected != nil {
		w.flag(*c.Protected)
	}
	w.optText(c.Origin)
	w.flag(c.Metadata != nil)
	if c.Metadata != nil {
		w.texts(*c.Metadata)
	}
}

func (r *reader) deviceChange() *DeviceChange {
	c := &DeviceChange{Alias: r.flag()}
	if r.flag() {
		id := r.bytes()
		c.CredentialID = &id
	}
	if r.flag() {
		purpose := Purpose(r.uint())
		c.Purpose = &purpose
	}
	if r.flag() {
		kind := KeyType(r.uint())
		c.KeyType = &kind
	}
	if c.Purpose != nil && *c.Purpose > PurposeRecovery || c.KeyType != nil && *c.KeyType > KeyBrowserStorage {
		r.fail()
	}
	if r.flag() {
		on := r.flag()
		c.Protected = &on
	}
	c.Origin = r.optText()
	if r.flag() {
		keys := r.texts()
		c.Metadata = &keys
	}
	return c
}
