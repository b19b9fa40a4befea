/** Completion scripts for shells, generated from the table of options. */

import { ACTIONS } from "./fleet_actions.ts";
import type { Flag } from "./flag.ts";
import { type FlagName, flags, type FlagValues } from "./flags.ts";
import { NAMED_MODES } from "../mode.ts";

/** A shell with a completion script. */
export type Shell = NonNullable<FlagValues["completions"]>;

/** Returns the completion script for a shell. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell]();
}

const SCRIPTS: Record<Shell, () => string> = { bash, zsh, fish };

function bash(): string {
  const cases = flags().filter(([, { value }]) => value !== undefined).map(([name, { short, value, isPath }]) => {
    const words = [...short === undefined ? [] : [`-${short}`], `--${name}`].join(" | ");
    if (isPath) return `    ${words}) _tcp_checker_files ;;`;
    return `    ${words}) COMPREPLY=($(compgen -P "$prefix" -W "${value!.choices?.join(" ") ?? ""}" -- "$word")) ;;`;
  });
  const options = flags().flatMap(([name, { short }]) => [...short === undefined ? [] : [`-${short}`], `--${name}`]);
  return `# bash completion for tcp-checker: source <(tcp-checker --completions bash)
# Reads one name per line, because names may contain blanks. With -o filenames bash quotes them, and appends slashes.
_tcp_checker_files() {
  local file
  compopt -o filenames 2> /dev/null || :
  while IFS= read -r file; do
    # After a prefix bash would not find the directory.
    if [[ -n $prefix && -d $file ]]; then
      compopt -o nospace 2> /dev/null || :
      file+=/
    fi
    COMPREPLY+=("$prefix$file")
  done < <(compgen -f -- "$word")
}
_tcp_checker() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} prefix=
  COMPREPLY=()
  # --option=value is three words if COMP_WORDBREAKS contains the equals sign, as by default, else one word.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $word == --*=* ]]; then
    before=\${word%%=*} prefix=\${word%%=*}= word=\${word#*=}
  fi
  case $before in
${cases.join("\n")}
    *)
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "${options.join(" ")}" -- "$word"))
      elif ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "${modes().join(" ")}" -A hostname -- "$word"))
      elif [[ \${COMP_WORDS[1]} == fleet ]]; then
        if ((COMP_CWORD == 2)); then
          COMPREPLY=($(compgen -W "${actions().join(" ")}" -- "$word"))
        elif [[ \${COMP_WORDS[2]} == apply ]]; then
          _tcp_checker_files
        fi
      else
        COMPREPLY=($(compgen -A hostname -- "$word"))
      fi
      ;;
  esac
}
complete -F _tcp_checker tcp-checker`;
}

function zsh(): string {
  const specs = flags().map(([name, flag]) => `    ${zshSpec(name, flag)} \\`);
  return `#compdef tcp-checker
# zsh completion for tcp-checker: source <(tcp-checker --completions zsh)
_tcp_checker_word() {
  if [[ $words[2] != fleet ]]; then
    _hosts
  elif ((CURRENT == 3)); then
    compadd ${actions().join(" ")}
  elif [[ $words[3] == apply ]]; then
    _files
  fi
}
_tcp_checker() {
  _arguments -s \\
${specs.join("\n")}
    "1:mode or target:_alternative 'modes:mode:(${modes().join(" ")})' 'hosts:host:_hosts'" \\
    '*:target:_tcp_checker_word'
}
compdef _tcp_checker tcp-checker`;
}

function zshSpec(name: FlagName, { short, value, multiple, isPath, help }: Flag): string {
  const names = [...short === undefined ? [] : [`-${short}`], `--${name}`];
  const exclusive = multiple ? "*" : `(${names.join(" ")})`;
  const action = isPath ? "_files" : value?.choices ? `(${value.choices.join(" ")})` : " ";
  const argument = value === undefined ? "" : `:${value.choices ? name : value.placeholder}:${action}`;
  const text = `[${help.replace(/[[\]:\\]/g, "\\$&").replaceAll("'", `'"'"'`)}]${argument}`;
  const spec = names.length === 1 ? names[0] : `{${names.join(",")}}`;
  return names.length === 1 ? `'${exclusive}${spec}${text}'` : `'${exclusive}'${spec}'${text}'`;
}

function fish(): string {
  const lines = flags().map(([name, { short, value, isPath, help }]) => {
    const parts = ["complete -c tcp-checker"];
    if (short !== undefined) parts.push(`-s ${short}`);
    parts.push(`-l ${name}`);
    if (value !== undefined) parts.push(isPath ? "-r -F" : "-x");
    if (value?.choices) parts.push(`-a '${value.choices.join(" ")}'`);
    parts.push(`-d '${help.replace(/['\\]/g, "\\$&")}'`);
    return parts.join(" ");
  });
  const named = Object.entries(NAMED_MODES).map(([mode, text]) =>
    `complete -c tcp-checker -n __fish_is_first_arg -a ${mode} -d '${text}'`
  );
  const isAction = `__fish_seen_subcommand_from fleet; and not __fish_seen_subcommand_from ${actions().join(" ")}`;
  const fleet = Object.entries(ACTIONS).map(([action, { text }]) =>
    `complete -c tcp-checker -n '${isAction}' -a ${action} -d '${text}'`
  );
  return [
    "# fish completion for tcp-checker: tcp-checker --completions fish | source",
    "complete -c tcp-checker -f",
    "complete -c tcp-checker -n 'not __fish_seen_subcommand_from fleet' -a '(__fish_print_hostnames)'",
    ...named,
    ...fleet,
    "complete -c tcp-checker -n '__fish_seen_subcommand_from apply' -F",
    ...lines,
  ].join("\n");
}

function modes(): string[] {
  return Object.keys(NAMED_MODES);
}

function actions(): string[] {
  return Object.keys(ACTIONS);
}
