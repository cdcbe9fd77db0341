package replica

import "sync"

// recent remembers about the last n entries, in two generations: when the
// younger is full, the older is forgotten.
type recent[K comparable, V any] struct {
	size int

	mu           sync.Mutex
	young, older map[K]V // under mu
}

func newRecent[K comparable, V any](n int) *recent[K, V] {
	return &recent[K, V]{size: n / 2, young: map[K]V{}}
}

// Get is the value of a key that is remembered.
func (r *recent[K, V]) Get(key K) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if value, ok := r.young[key]; ok {
		return value, true
	}
	value, ok := r.older[key]
	if ok {
		r.put(key, value)
	}
	return value, ok
}

// Put remembers a value.
func (r *recent[K, V]) Put(key K, value V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(key, value)
}

func (r *recent[K, V]) put(key K, value V) {
	if len(r.young) >= r.size {
		r.older, r.young = r.young, make(map[K]V, r.size)
	}
	r.young[key] = value
}
