package canister

import (
	"errors"

	"internetidentity/candid"
	"internetidentity/identity"
)

// Registration in the interface's second version.

type checkCaptcha struct {
	PNG string `candid:"captcha_png_base64"`
}

type nextStep struct {
	_            candid.Variant
	CheckCaptcha *checkCaptcha `candid:"CheckCaptcha"`
	Finish       *null         `candid:"Finish"`
}

type nextStepResult struct {
	NextStep nextStep `candid:"next_step"`
}

func step(next identity.NextStep) *nextStepResult {
	if next.PNG != "" {
		return &nextStepResult{nextStep{CheckCaptcha: &checkCaptcha{next.PNG}}}
	}
	return &nextStepResult{nextStep{Finish: yes()}}
}

type startError struct {
	_                 candid.Variant
	InvalidCaller     *null `candid:"InvalidCaller"`
	RateLimitExceeded *null `candid:"RateLimitExceeded"`
	AlreadyInProgress *null `candid:"AlreadyInProgress"`
}

func registrationStart(c *call, _ *none) (*outcome[nextStepResult, startError], error) {
	next, err := c.StartRegistration()
	e := &startError{}
	switch err {
	case nil:
		return ok[nextStepResult, startError](step(next)), nil
	case identity.ErrInvalidCaller:
		e.InvalidCaller = yes()
	case identity.ErrRateLimitExceeded:
		e.RateLimitExceeded = yes()
	case identity.ErrAlreadyInProgress:
		e.AlreadyInProgress = yes()
	default:
		return nil, err
	}
	return failed[nextStepResult](e), nil
}

type captchaArg struct {
	Solution string `candid:"solution"`
}

type wrongSolution struct {
	PNG string `candid:"new_captcha_png_base64"`
}

type captchaError struct {
	_                  candid.Variant
	WrongSolution      *wrongSolution  `candid:"WrongSolution"`
	UnexpectedCall     *nextStepResult `candid:"UnexpectedCall"`
	NoRegistrationFlow *null           `candid:"NoRegistrationFlow"`
}

func captchaCheck(c *call, a *one[captchaArg]) (*outcome[nextStepResult, captchaError], error) {
	next, err := c.CheckCaptcha(a.V.Solution)
	var wrong *identity.WrongSolution
	var unexpected *identity.UnexpectedCall
	e := &captchaError{}
	switch {
	case err == nil:
		return ok[nextStepResult, captchaError](step(next)), nil
	case errors.As(err, &wrong):
		e.WrongSolution = &wrongSolution{wrong.PNG}
	case errors.As(err, &unexpected):
		e.UnexpectedCall = step(unexpected.Next)
	case err == identity.ErrNoRegistrationFlow:
		e.NoRegistrationFlow = yes()
	default:
		return nil, err
	}
	return failed[nextStepResult](e), nil
}

type finishArg struct {
	AuthnMethod authnMethodData `candid:"authn_method"`
	Name        *string         `candid:"name"`
}

type finishResult struct {
	Number uint64 `candid:"identity_number"`
}

type finishError struct {
	_                    candid.Variant
	IdentityLimitReached *null           `candid:"IdentityLimitReached"`
	UnexpectedCall       *nextStepResult `candid:"UnexpectedCall"`
	NoRegistrationFlow   *null           `candid:"NoRegistrationFlow"`
	InvalidAuthnMethod   *string         `candid:"InvalidAuthnMethod"`
	StorageError         *string         `candid:"StorageError"`
}

func registrationFinish(c *call, a *one[finishArg]) (*outcome[finishResult, finishError], error) {
	d, malformed := a.V.AuthnMethod.device()
	n, err := c.FinishRegistration(d, malformed, a.V.Name)
	var unexpected *identity.UnexpectedCall
	var invalid *identity.InvalidAuthnMethod
	var storage *identity.StorageError
	e := &finishError{}
	switch {
	case err == nil:
		return ok[finishResult, finishError](&finishResult{uint64(n)}), nil
	case errors.As(err, &unexpected):
		e.UnexpectedCall = step(unexpected.Next)
	case errors.As(err, &invalid):
		e.InvalidAuthnMethod = &invalid.Text
	case errors.As(err, &storage):
		e.StorageError = &storage.Text
	case err == identity.ErrNoRegistrationFlow:
		e.NoRegistrationFlow = yes()
	case err == identity.ErrIdentityLimitReached:
		e.IdentityLimitReached = yes()
	default:
		return nil, err
	}
	return failed[finishResult](e), nil
}
