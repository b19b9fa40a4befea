/** Conversion of YAML's snake_case keys to the camelCase names of the library. */

/** Converts the type `"fast_interval"` to `"fastInterval"`. */
export type Camel<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<Camel<Rest>>}`
  : Name;

/** An object with camelCase keys. */
export type CamelKeys<Value> = { [Key in keyof Value as Key extends string ? Camel<Key> : Key]: Value[Key] };

/** Converts `fast_interval` to `fastInterval`. */
function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Converts `fastInterval` to `fast_interval`. */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Converts the keys of an object, except for nested objects. */
export function camelKeys<Value extends object>(value: Value): CamelKeys<Value> {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [camel(key), one])) as CamelKeys<Value>;
}
