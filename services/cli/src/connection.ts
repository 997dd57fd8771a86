import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError, exitCodes } from './cli-error.ts';
import type { Io } from './io.ts';

/** Which hubs to ask, and as whom. */
export interface Connection {
  /** Base URLs, tried in this order. */
  readonly urls: readonly string[];
  readonly token: string | undefined;
  /** Where this was found, for messages. */
  readonly from: string;
}

/** What the command line says about the connection. */
export interface ConnectionOptions {
  readonly api?: readonly string[];
  readonly tokenFile?: string;
}

const startHint =
  'start a fleet with "npm start", or name one: --api URL --token-file FILE (or MERIDIAN_API and MERIDIAN_TOKEN_FILE)';

/**
 * Finds the fleet: command line, then environment, then `.meridian/cli.json` here or in a parent, then the
 * installation's own, then `~/.config/meridian/cli.json`. Throws CliError when there is none or it cannot be read.
 */
export function findConnection(options: ConnectionOptions, io: Io): Connection {
  const { urls, from, tokenFile } = named(options, io) ?? known(io);
  if (urls.length === 0) throw new CliError(exitCodes.unreachable, 'no fleet is known here', startHint);
  const chosenToken = options.tokenFile ?? (io.env['MERIDIAN_TOKEN_FILE'] || tokenFile);
  const token = chosenToken === undefined ? undefined : readToken(resolve(io.cwd, chosenToken));
  return { urls: urls.map(checkedUrl), token, from };
}

interface Found {
  readonly urls: readonly string[];
  readonly from: string;
  readonly tokenFile: string | undefined;
}

/** A fleet that the person names. A token found elsewhere is not sent to it. */
function named(options: ConnectionOptions, io: Io): Found | undefined {
  if (options.api?.length) return { urls: options.api, from: '--api', tokenFile: undefined };
  const urls = splitList(io.env['MERIDIAN_API']);
  return urls.length > 0 ? { urls, from: 'MERIDIAN_API', tokenFile: undefined } : undefined;
}

function known(io: Io): Found {
  const file = contextFiles(io).find((candidate) => existsSync(candidate));
  if (file === undefined) return { urls: [], from: '', tokenFile: undefined };
  const { api, tokenFile } = readContext(file);
  return { urls: api, from: file, tokenFile };
}

/** Data directory of the sandbox that `npm start` runs or ran last, or undefined. */
export function findSandboxDirectory(io: Io): string | undefined {
  return meridianFolders(io)
    .map(currentDirectory)
    .find((directory) => existsSync(join(directory, 'sandbox.json')));
}

/** `.meridian/current.json` names the data directory when the sandbox runs with `--data` elsewhere. */
function currentDirectory(folder: string): string {
  const current = join(folder, 'current.json');
  if (!existsSync(current)) return folder;
  const { data } = parseObject(current);
  return typeof data === 'string' ? data : folder;
}

function meridianFolders(io: Io): string[] {
  const installation = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
  return [...parents(io.cwd), installation]
    .map((folder) => join(folder, '.meridian'))
    .filter((folder) => existsSync(folder));
}

function contextFiles(io: Io): string[] {
  const config = io.env['XDG_CONFIG_HOME'] ?? join(io.env['HOME'] ?? '/', '.config');
  const folders = meridianFolders(io).flatMap((folder) => [currentDirectory(folder), folder]);
  return [...folders, join(config, 'meridian')].map((folder) => join(folder, 'cli.json'));
}

function parents(folder: string): string[] {
  const up = dirname(folder);
  return up === folder ? [folder] : [folder, ...parents(up)];
}

function readContext(file: string): { api: string[]; tokenFile: string | undefined } {
  const { api, tokenFile } = parseObject(file);
  const urls = Array.isArray(api) ? api.filter((url) => typeof url === 'string') : [];
  const token = typeof tokenFile === 'string' ? tokenFile : undefined;
  return {
    api: urls,
    tokenFile: token === undefined || isAbsolute(token) ? token : join(dirname(file), token),
  };
}

/** A JSON object from a file, values unknown. */
export function parseObject(file: string): { readonly [key: string]: unknown } {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    throw new CliError(
      exitCodes.failed,
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      startHint,
    );
  }
  throw new CliError(exitCodes.failed, `${file} is not a JSON object`, startHint);
}

function readToken(file: string): string {
  try {
    const token = readFileSync(file, 'utf8').trim();
    if (/^[\x21-\x7e]+$/.test(token)) return token;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(
      exitCodes.denied,
      `the token file cannot be read: ${reason}`,
      'name another with --token-file FILE',
    );
  }
  throw new CliError(
    exitCodes.denied,
    `the token file ${file} holds no token`,
    'it must hold one line of printable characters',
  );
}

function splitList(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function checkedUrl(text: string): string {
  if (URL.canParse(text) && /^https?:\/\//i.test(text)) return text.replace(/\/+$/, '');
  throw new CliError(
    exitCodes.usage,
    `"${text}" is not a URL of a fleet API`,
    'give one like http://127.0.0.1:8080',
  );
}
