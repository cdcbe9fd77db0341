package identity

// What an identity has besides devices: a name and metadata.

// ReplaceMetadata sets all metadata of an identity.
func (m *Message) ReplaceMetadata(n Number, metadata Metadata) error {
	a, err := m.activity(n)
	if err != nil {
		return err
	}
	if metadata.depth() > maxMetadataDepth {
		return &InternalError{"metadata is nested too deep"}
	}
	a.Metadata = metadata
	if bytes := a.variableBytes(); bytes > maxVariableBytes {
		return &StorageExceeded{Available: maxVariableBytes, Required: bytes}
	}
	m.save(a)
	m.audit(n, &Change{Kind: ChangeMetadata, Keys: metadataKeys(metadata)})
	return nil
}

// ReplaceName sets the name of an identity, or clears it.
func (m *Message) ReplaceName(n Number, name *string) error {
	a, err := m.activity(n)
	if err != nil {
		return err
	}
	if name != nil && len(*name) > maxNameBytes {
		return ErrNameTooLong
	}
	kind := ChangeUpdateName
	switch {
	case a.Name == nil && name != nil:
		kind = ChangeAddName
	case a.Name != nil && name == nil:
		kind = ChangeRemoveName
	}
	a.Name = name
	m.save(a)
	m.audit(n, &Change{Kind: kind})
	return nil
}

// MaxNameBytes is the length of the longest name.
const MaxNameBytes = maxNameBytes
