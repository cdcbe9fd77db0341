package canister

import (
	"errors"

	"internetidentity/certificate"
	"internetidentity/identity"
	"internetidentity/principal"
)

// methods is the list of everything the service can do, in the order of
// internet_identity.did. A handler decodes, calls the rules, and names the
// outcome; it decides nothing.
func methods() []method {
	return []method{
		update("init_salt", func(c *call, _ *struct{}) (*struct{}, error) { return &struct{}{}, c.InitSalt() }),

		update("identity_registration_start", registrationStart),
		update("check_captcha", captchaCheck),
		update("identity_registration_finish", registrationFinish),

		query("identity_authn_info", authnInfoOf),
		update("identity_info", infoOf),
		query("lookup_device_key", lookupDeviceKey),
		update("authn_method_add", addMethod),
		update("authn_method_remove", removeMethod),

		update("prepare_delegation", prepareDelegation),
		query("get_delegation", getDelegation),
		update("prepare_account_delegation", prepareAccountDelegation),
		query("get_account_delegation", getAccountDelegation),
		query("get_principal", getPrincipal),

		query("whoami", func(c *call, _ *struct{}) (*struct{ P principal.Principal }, error) {
			return &struct{ P principal.Principal }{c.Caller}, nil
		}),
		query("config", func(c *call, _ *struct{}) (*struct{ C initRecord }, error) {
			return &struct{ C initRecord }{c.view.settings.effective(c.Self)}, nil
		}),
		query("stats", func(c *call, _ *struct{}) (*struct{ S stats }, error) {
			return &struct{ S stats }{c.stats()}, nil
		}),
		query("http_request", func(c *call, a *struct{ R httpRequest }) (*struct{ R httpResponse }, error) {
			return &struct{ R httpResponse }{c.http(&a.R)}, nil
		}),
	}
}

type startResult = struct {
	R result[nextStepResult, startError]
}

func registrationStart(c *call, _ *struct{}) (*startResult, error) {
	next, err := c.StartRegistration()
	r := &startResult{}
	switch err {
	case nil:
		r.R.Ok = &nextStepResult{step(next)}
	case identity.ErrInvalidCaller:
		r.R.Err = &startError{InvalidCaller: yes()}
	case identity.ErrRateLimitExceeded:
		r.R.Err = &startError{RateLimitExceeded: yes()}
	case identity.ErrAlreadyInProgress:
		r.R.Err = &startError{AlreadyInProgress: yes()}
	default:
		return nil, err
	}
	return r, nil
}

func step(next identity.NextStep) nextStep {
	if next.PNG != "" {
		return nextStep{CheckCaptcha: &checkCaptcha{next.PNG}}
	}
	return nextStep{Finish: yes()}
}

type captchaResult = struct {
	R result[nextStepResult, captchaError]
}

func captchaCheck(c *call, a *struct{ A captchaArg }) (*captchaResult, error) {
	next, err := c.CheckCaptcha(a.A.Solution)
	r := &captchaResult{}
	var wrong *identity.WrongSolution
	var unexpected *identity.UnexpectedCall
	switch {
	case err == nil:
		r.R.Ok = &nextStepResult{step(next)}
	case errors.As(err, &wrong):
		r.R.Err = &captchaError{WrongSolution: &wrongSolution{wrong.PNG}}
	case errors.As(err, &unexpected):
		r.R.Err = &captchaError{UnexpectedCall: &nextStepResult{step(unexpected.Next)}}
	case err == identity.ErrNoRegistrationFlow:
		r.R.Err = &captchaError{NoRegistrationFlow: yes()}
	default:
		return nil, err
	}
	return r, nil
}

type registrationResult = struct {
	R result[finishResult, finishError]
}

func registrationFinish(c *call, a *struct{ A finishArg }) (*registrationResult, error) {
	r := &registrationResult{}
	d, err := a.A.AuthnMethod.device()
	if err != nil {
		text := err.Error()
		r.R.Err = &finishError{InvalidAuthnMethod: &text}
		return r, nil
	}
	n, err := c.FinishRegistration(d, a.A.Name)
	var unexpected *identity.UnexpectedCall
	var invalid *identity.InvalidAuthnMethod
	var storage *identity.StorageError
	switch {
	case err == nil:
		r.R.Ok = &finishResult{uint64(n)}
	case errors.As(err, &unexpected):
		r.R.Err = &finishError{UnexpectedCall: &nextStepResult{step(unexpected.Next)}}
	case errors.As(err, &invalid):
		r.R.Err = &finishError{InvalidAuthnMethod: &invalid.Text}
	case errors.As(err, &storage):
		r.R.Err = &finishError{StorageError: &storage.Text}
	case err == identity.ErrNoRegistrationFlow:
		r.R.Err = &finishError{NoRegistrationFlow: yes()}
	case err == identity.ErrIdentityLimitReached:
		r.R.Err = &finishError{IdentityLimitReached: yes()}
	default:
		return nil, err
	}
	return r, nil
}

type numberArg = struct{ N uint64 }

type authnInfoResult = struct {
	R result[authnInfo, null]
}

func authnInfoOf(c *call, a *numberArg) (*authnInfoResult, error) {
	info := &authnInfo{Methods: []authnMethod{}, Recovery: []authnMethod{}}
	devices := c.AuthnInfo(identity.Number(a.N))
	for i := range devices {
		list := &info.Methods
		if devices[i].Purpose == identity.PurposeRecovery {
			list = &info.Recovery
		}
		*list = append(*list, methodOf(&devices[i], false))
	}
	r := &authnInfoResult{}
	r.R.Ok = info
	return r, nil
}

type infoResult = struct {
	R result[identityInfo, infoError]
}

func infoOf(c *call, a *numberArg) (*infoResult, error) {
	found, err := c.Info(identity.Number(a.N))
	r := &infoResult{}
	var unauthorized *identity.Unauthorized
	switch {
	case errors.As(err, &unauthorized):
		r.R.Err = &infoError{Unauthorized: &unauthorized.Caller}
	case err != nil:
		return nil, err
	default:
		r.R.Ok = &identityInfo{
			Methods:   []authnMethodData{},
			OpenID:    &[]openIDCredential{},
			Metadata:  metadataOf(found.Metadata),
			Name:      found.Name,
			CreatedAt: (*uint64)(found.CreatedAt),
		}
		for i := range found.Devices {
			r.R.Ok.Methods = append(r.R.Ok.Methods, methodDataOf(&found.Devices[i]))
		}
	}
	return r, nil
}

func lookupDeviceKey(c *call, a *struct{ ID []byte }) (*struct{ K *deviceKey }, error) {
	n, publicKey, ok := c.LookupDeviceKey(a.ID)
	if !ok {
		return &struct{ K *deviceKey }{}, nil
	}
	return &struct{ K *deviceKey }{&deviceKey{PublicKey: publicKey, Number: uint64(n)}}, nil
}

type addResult = struct {
	R result[null, addError]
}

func addMethod(c *call, a *struct {
	N uint64
	M authnMethodData
}) (*addResult, error) {
	r := &addResult{}
	d, err := a.M.device()
	if err != nil {
		text := err.Error()
		r.R.Err = &addError{InvalidMetadata: &text}
		return r, nil
	}
	r.R.Ok = yes()
	return r, c.AddDevice(identity.Number(a.N), d)
}

type removeResult = struct{ R result[null, null] }

func removeMethod(c *call, a *struct {
	N         uint64
	PublicKey []byte
}) (*removeResult, error) {
	r := &removeResult{}
	r.R.Ok = yes()
	return r, c.RemoveDevice(identity.Number(a.N), a.PublicKey)
}

func prepareDelegation(c *call, a *struct {
	N          uint64
	Origin     string
	SessionKey []byte
	MaxTTL     *uint64
}) (*struct {
	UserKey    []byte
	Expiration uint64
}, error) {
	p, err := c.PrepareDelegation(identity.DelegationRequest{Number: identity.Number(a.N), Origin: identity.Origin(a.Origin), SessionKey: a.SessionKey}, a.MaxTTL)
	if err != nil {
		return nil, err
	}
	return &struct {
		UserKey    []byte
		Expiration uint64
	}{p.UserKey, uint64(p.Expiration)}, nil
}

func getDelegation(c *call, a *struct {
	N          uint64
	Origin     string
	SessionKey []byte
	Expiration uint64
}) (*struct{ R getDelegationResponse }, error) {
	signed, err := c.signed(identity.DelegationRequest{Number: identity.Number(a.N), Origin: identity.Origin(a.Origin), SessionKey: a.SessionKey}, a.Expiration)
	switch err {
	case nil:
		return &struct{ R getDelegationResponse }{getDelegationResponse{Signed: signed}}, nil
	case identity.ErrNoSuchDelegation:
		return &struct{ R getDelegationResponse }{getDelegationResponse{None: yes()}}, nil
	}
	return nil, err
}

// account names the delegation of an account.
func account(n uint64, origin string, number *uint64, sessionKey []byte, p *permissions) identity.DelegationRequest {
	q := identity.DelegationRequest{
		Number: identity.Number(n), Origin: identity.Origin(origin), Account: (*identity.AccountNumber)(number), SessionKey: sessionKey,
	}
	if p != nil && p.Queries != nil {
		q.Permissions = identity.AllowQueries
	}
	return q
}

// delegationErr names an error, or leaves a trap to be one.
func delegationErr(err error) (*delegationError, error) {
	var unauthorized *identity.Unauthorized
	switch {
	case errors.As(err, &unauthorized):
		return &delegationError{Unauthorized: &unauthorized.Caller}, nil
	case err == identity.ErrNoSuchDelegation:
		return &delegationError{NoSuchDelegation: yes()}, nil
	}
	return nil, err
}

type prepareAccountResult = struct {
	R result[preparedDelegation, delegationError]
}

func prepareAccountDelegation(c *call, a *struct {
	N           uint64
	Origin      string
	Account     *uint64
	SessionKey  []byte
	MaxTTL      *uint64
	Permissions *permissions
}) (*prepareAccountResult, error) {
	r := &prepareAccountResult{}
	p, err := c.PrepareDelegation(account(a.N, a.Origin, a.Account, a.SessionKey, a.Permissions), a.MaxTTL)
	if err == nil {
		r.R.Ok = &preparedDelegation{p.UserKey, uint64(p.Expiration)}
		return r, nil
	}
	r.R.Err, err = delegationErr(err)
	return r, err
}

type getAccountResult = struct {
	R result[signedDelegation, delegationError]
}

func getAccountDelegation(c *call, a *struct {
	N           uint64
	Origin      string
	Account     *uint64
	SessionKey  []byte
	Expiration  uint64
	Permissions *permissions
}) (*getAccountResult, error) {
	r := &getAccountResult{}
	signed, err := c.signed(account(a.N, a.Origin, a.Account, a.SessionKey, a.Permissions), a.Expiration)
	if err == nil {
		r.R.Ok = signed
		return r, nil
	}
	r.R.Err, err = delegationErr(err)
	return r, err
}

func getPrincipal(c *call, a *struct {
	N      uint64
	Origin string
}) (*struct{ P principal.Principal }, error) {
	p, err := c.Principal(identity.Number(a.N), identity.Origin(a.Origin))
	return &struct{ P principal.Principal }{p}, err
}

// signed puts the certificate and the witness around a prepared delegation.
func (c *call) signed(q identity.DelegationRequest, expiration uint64) (*signedDelegation, error) {
	d, path, err := c.GetDelegation(q, identity.Time(expiration))
	if err != nil {
		return nil, err
	}
	if c.certificate == nil {
		return nil, &identity.Trap{Text: "a delegation can be fetched only where there is a certificate: in a query"}
	}
	tree := c.view.certified.Witness(append([][]byte{[]byte(labelSignatures)}, path...))
	signed := &signedDelegation{
		Delegation: delegation{PublicKey: d.PublicKey, Expiration: d.Expiration},
		Signature:  certificate.EncodeCanisterSignature(c.certificate, tree),
	}
	if d.Permissions != "" {
		signed.Delegation.Permissions = &d.Permissions
	}
	return signed, nil
}
