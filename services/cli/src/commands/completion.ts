import type { Command as Program } from 'commander';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { isApplications, isClusters } from '../shapes.ts';

/** `meridian completion bash|zsh|fish`: made from the commands themselves, so it cannot fall behind them. */
export const completion: Command<{ shell: string; program: Program }> = async (
  { printer },
  { shell, program },
) => {
  const write = writers[shell];
  if (write === undefined)
    throw new CliError(exitCodes.usage, `no completion for "${shell}"`, 'choose bash, zsh or fish');
  printer.raw(write(listWords(program)));
  return exitCodes.ok;
};

/** Names of applications or clusters, one a line, for the completion scripts; silent when the fleet does not answer. */
export const completeNames: Command<{ kind: string }> = async ({ client, printer }, { kind }) => {
  try {
    const api = client();
    const list =
      kind === 'clusters'
        ? await api.get('/v1/clusters', isClusters)
        : await api.get('/v1/applications', isApplications);
    for (const { name } of list) printer.line(name);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
  }
  return exitCodes.ok;
};

interface Words {
  readonly name: string;
  readonly description: string;
  readonly options: readonly string[];
  /** Takes the name of an application as its argument. */
  readonly wantsApplication: boolean;
}

function listWords(program: Program): { commands: Words[]; global: string[] } {
  const longOptions = (command: Program) =>
    command.options.flatMap(({ long, hidden }) => (long == null || hidden ? [] : [long]));
  const visible = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help');
  const commands = visible.map((command) => {
    const inner = command.commands;
    return {
      name: command.name(),
      description: command.description(),
      options: [...longOptions(command), ...inner.flatMap((child) => [child.name(), ...longOptions(child)])],
      wantsApplication: ['app', 'render', 'explain', 'approve', 'rollout', 'pause', 'resume'].includes(
        command.name(),
      ),
    };
  });
  return { commands, global: longOptions(program) };
}

type Writer = (words: { commands: readonly Words[]; global: readonly string[] }) => string;

const bash: Writer = ({ commands, global }) => `# bash completion for meridian
_meridian() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" cmd="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do case "$word" in -*) ;; *) cmd="$word"; break ;; esac; done
  case "$prev" in
    -o|--output) if [ "$cmd" = build ]; then COMPREPLY=($(compgen -f -- "$cur")); return; fi
      COMPREPLY=($(compgen -W "table json yaml" -- "$cur")); return ;;
    --token-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --cluster) COMPREPLY=($(compgen -W "$(meridian complete-names clusters 2>/dev/null)" -- "$cur")); return ;;
    --application) COMPREPLY=($(compgen -W "$(meridian complete-names applications 2>/dev/null)" -- "$cur")); return ;;
  esac
  local words="${global.join(' ')}"
  case "$cmd" in
    "") words="$words ${commands.map((command) => command.name).join(' ')}" ;;
${commands.map((command) => `    ${command.name}) words="$words ${command.options.join(' ')}${command.wantsApplication ? ' $(meridian complete-names applications 2>/dev/null)' : ''}" ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _meridian meridian
`;

const zsh: Writer = (words) => `#compdef meridian
autoload -U +X bashcompinit && bashcompinit
${bash(words)}`;

const fish: Writer = ({ commands, global }) => {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap((command) => [
    `complete -c meridian -n __fish_use_subcommand -a ${command.name} -d ${quote(command.description)}`,
    ...command.options.map((option) =>
      option.startsWith('--')
        ? `complete -c meridian -n '__fish_seen_subcommand_from ${command.name}' -l ${option.slice(2)}`
        : `complete -c meridian -n '__fish_seen_subcommand_from ${command.name}' -a ${option}`,
    ),
    ...(command.wantsApplication
      ? [
          `complete -c meridian -n '__fish_seen_subcommand_from ${command.name}' -a '(meridian complete-names applications 2>/dev/null)'`,
        ]
      : []),
  ]);
  return [
    '# fish completion for meridian',
    'complete -c meridian -f',
    ...global.map((option) => `complete -c meridian -l ${option.slice(2)}`),
    ...lines,
    '',
  ].join('\n');
};

const writers: { readonly [shell: string]: Writer } = { bash, zsh, fish };
