package canister

import (
	"internetidentity/candid"
	"internetidentity/principal"
)

// methods is the list of everything the service can do, in the order of
// internet_identity.did. A handler decodes, calls the rules, and names the
// outcome; it decides nothing.
func methods() []method {
	return []method{
		update("init_salt", func(c *call, _ *none) (*none, error) { return &none{}, c.InitSalt() }),

		update("create_challenge", createChallenge),
		update("register", register),
		update("add", addDevice),
		update("update", updateDevice),
		update("replace", replaceDevice),
		update("remove", removeDevice),
		query("lookup", lookup),
		query("get_anchor_credentials", credentialsOf),
		update("get_anchor_info", anchorInfo),
		update("enter_device_registration_mode", enterDeviceMode),
		update("exit_device_registration_mode", exitDeviceMode),
		update("add_tentative_device", offerDevice),
		update("verify_tentative_device", verifyDevice),

		update("identity_registration_start", registrationStart),
		update("check_captcha", captchaCheck),
		update("identity_registration_finish", registrationFinish),

		query("identity_authn_info", authnInfoOf),
		update("identity_info", infoOf),
		update("identity_metadata_replace", replaceMetadata),
		update("identity_properties_replace", replaceProperties),
		query("identity_activity", activityOf),
		query("lookup_device_key", lookupDeviceKey),
		update("lookup_caller_identity_by_recovery_phrase", lookupCaller),
		update("authn_method_add", addMethod),
		update("authn_method_replace", replaceMethod),
		update("authn_method_remove", removeMethod),
		update("authn_method_metadata_replace", replaceMethodMetadata),
		update("authn_method_security_settings_replace", replaceMethodSecurity),

		update("authn_method_registration_mode_enter", enterMode),
		update("authn_method_registration_mode_exit", exitMode),
		update("authn_method_register", offerMethod),
		update("authn_method_session_register", offerSession),
		query("authn_method_session_info", sessionInfoOf),
		update("authn_method_confirm", confirm),
		query("lookup_by_registration_mode_id", lookupByModeID),

		update("prepare_delegation", prepareDelegation),
		query("get_delegation", getDelegation),
		update("prepare_account_delegation", prepareAccountDelegation),
		query("get_account_delegation", getAccountDelegation),
		update("prepare_session_delegation", prepareSession),
		query("get_session_delegation", getSession),
		query("get_principal", getPrincipal),

		query("get_accounts", accountsOf),
		update("create_account", createAccount),
		update("update_account", updateAccount),
		query("get_default_account", defaultAccount),
		update("set_default_account", setDefaultAccount),
		query("list_applications", applicationsOf),

		update("deploy_archive", deployArchive),
		update("fetch_entries", fetchEntries),
		update("acknowledge_entries", acknowledgeEntries),

		query("whoami", func(c *call, _ *none) (*struct{ P principal.Principal }, error) {
			return &struct{ P principal.Principal }{c.Caller}, nil
		}),
		query("config", func(c *call, _ *none) (*struct{ C initRecord }, error) {
			return &struct{ C initRecord }{c.view.settings.effective(c.Self)}, nil
		}),
		query("stats", func(c *call, _ *none) (*struct{ S stats }, error) {
			return &struct{ S stats }{c.stats()}, nil
		}),
		query("http_request", func(c *call, a *struct{ R httpRequest }) (*struct{ R httpResponse }, error) {
			return &struct{ R httpResponse }{c.http(&a.R)}, nil
		}),
	}
}

// none are no arguments, or no results.
type none struct{}

// one is an argument or result that stands alone.
type one[T any] struct{ V T }

// result is a variant of Ok and Err.
type result[T, E any] struct {
	_   candid.Variant
	Ok  *T `candid:"Ok"`
	Err *E `candid:"Err"`
}

// outcome is what methods of the second version answer.
type outcome[T, E any] = one[result[T, E]]

func ok[T, E any](value *T) *outcome[T, E] {
	o := &outcome[T, E]{}
	o.V.Ok = value
	return o
}

func failed[T, E any](err *E) *outcome[T, E] {
	o := &outcome[T, E]{}
	o.V.Err = err
	return o
}
