import type { Connection, ConnectionOptions } from './connection.ts';
import type { FleetClient } from './fleet-client.ts';
import type { Io } from './io.ts';
import type { Printer } from './output.ts';

/** What a command gets: where to write, whom to ask, when to stop. */
export interface CommandContext {
  readonly io: Io;
  readonly printer: Printer;
  readonly options: CommonOptions;
  /** Finds the fleet; throws CliError when none is known. */
  readonly connection: () => Connection;
  readonly client: () => FleetClient;
}

/** Options every command takes. */
export interface CommonOptions extends ConnectionOptions {
  /** A format; for `build` a path. */
  readonly output: string;
  readonly color: boolean;
  /** Longest wait for one answer. */
  readonly timeoutMs: number;
}

/** A command: gives the exit code, throws CliError with another. */
export type Command<T> = (context: CommandContext, parameters: T) => Promise<number>;

/** Loads a command's code, runs it and keeps its exit code. */
export type Run = <T>(load: () => Promise<Command<T>>, parameters: T) => Promise<void>;
