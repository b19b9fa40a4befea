/** Validation of secrets, so that an invalid one is reported when the configuration is read. */

/** A rule of a secret's value. */
interface SecretRule {
  /** Whether a value is valid. */
  readonly accepts: (value: string) => boolean;
  /** The requirement. Does not contain the value. */
  readonly message: string;
}

const ANY: SecretRule = { accepts: (value) => value !== "", message: "must be a string that is not empty" };

const HTTP_URL: SecretRule = {
  accepts: (value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ""),
  message: "must be a URL such as http://127.0.0.1:9093",
};

/** Tokens are sent in a header, where a space would end the token, and other characters are invalid. */
const TOKEN: SecretRule = {
  accepts: (value) => /^[\x21-\x7e]+$/.test(value),
  message: "must be a token: printable ASCII characters without spaces",
};

const RULES: Readonly<Record<string, SecretRule>> = {
  url: HTTP_URL,
  token: TOKEN,
  read_token: TOKEN,
  write_token: TOKEN,
};

/** Returns the rule of a secret, by its key. */
export function ruleOf(name: string): SecretRule {
  return RULES[name] ?? ANY;
}
