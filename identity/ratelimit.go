package identity

// The rate limit of registrations is a bucket that begins full and gains one
// token per interval. Its time moves by whole tokens, so that nothing is lost.

// takeToken takes a token and reports whether there was one.
func (m *Message) takeToken() bool {
	tokens, stamp := m.Config.MaxTokens, uint64(m.Now)
	if _, used := m.Table.Get(key(spaceVolatile, []byte(nameBucketTime))); used {
		tokens = min(counter(m.Table, spaceVolatile, nameBucketTokens), m.Config.MaxTokens)
		stamp = counter(m.Table, spaceVolatile, nameBucketTime)
		if m.Config.TimePerToken > 0 {
			gained := (uint64(m.Now) - stamp) / m.Config.TimePerToken
			stamp += gained * m.Config.TimePerToken
			tokens += min(gained, m.Config.MaxTokens-tokens)
		}
	}
	ok := tokens > 0
	if ok {
		tokens--
	}
	setCounter(m.Table, spaceVolatile, nameBucketTokens, tokens)
	setCounter(m.Table, spaceVolatile, nameBucketTime, stamp)
	return ok
}

// The dynamic captcha compares the rate of registrations lately with that of
// a longer time. Each window keeps its registrations by time.

type window struct {
	space    byte
	counter  string
	interval uint64
}

func (m *Message) windows() [2]window {
	c := m.Config.Captcha
	return [2]window{
		{spaceCurrentWindow, "current window", c.CurrentInterval},
		{spaceReferenceWindow, "reference window", c.ReferenceInterval},
	}
}

// needsCaptcha decides for a registration that begins.
func (m *Message) needsCaptcha() bool {
	switch m.Config.Captcha.Trigger {
	case CaptchaDisabled:
		return false
	case CaptchaDynamic:
		w := m.windows()
		// current > reference * (1 + threshold/100), in whole numbers: each
		// rate is a count over a span in seconds.
		c, cs := m.rate(w[0])
		r, rs := m.rate(w[1])
		return c*rs*100 > r*cs*(100+uint64(m.Config.Captcha.ThresholdPercent))
	}
	return true
}

// rate is a count and the seconds it took; 0 in 1 when there is none.
func (m *Message) rate(w window) (count, seconds uint64) {
	for k := range m.Table.Ascend(m.front(queue{space: w.space}), []byte{w.space + 1}) {
		oldest := uint64FromKey(k[1:])
		seconds = (uint64(m.Now) - oldest) / second
		break
	}
	if seconds == 0 {
		return 0, 1
	}
	return counter(m.Table, spaceMeta, w.counter), seconds
}

// recordRegistration counts one in both windows and drops what is too old.
func (m *Message) recordRegistration() {
	if m.Config.Captcha.Trigger != CaptchaDynamic {
		return
	}
	for _, w := range m.windows() {
		n := counter(m.Table, spaceMeta, w.counter)
		old := m.expired(queue{space: w.space}, m.ago(Time(min(w.interval, uint64(m.Now)/second))*second), maxFlowsPruned)
		for _, k := range old {
			m.Table.Delete(k)
		}
		m.Table.Put(key(w.space, u64(uint64(m.Now)), u64(nextSequence(m.Table))), []byte{})
		setCounter(m.Table, spaceMeta, w.counter, n+1-uint64(len(old)))
	}
}

func uint64FromKey(b []byte) uint64 {
	var n uint64
	for _, c := range b[:8] {
		n = n<<8 | uint64(c)
	}
	return n
}
