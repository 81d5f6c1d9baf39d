/** Base of every error lanewise throws on purpose. `code` is stable across versions; the message is for people. */
export class LanewiseError extends Error {
  readonly code: string = "ERR_LANEWISE";
  /** From the code: a bundler may shorten the names of classes. */
  override get name(): string {
    return `${this.code.slice(3).toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())}Error`;
  }
}

/** Data, weights or layers whose sizes do not fit together. */
export class ShapeError extends LanewiseError {
  override readonly code = "ERR_SHAPE";
}

/** An argument of the wrong kind, or outside its range. */
export class ArgumentError extends LanewiseError {
  override readonly code = "ERR_ARGUMENT";
}

/** A name that is not in the table; the message lists the valid ones and suggests the nearest. */
export class NameError extends LanewiseError {
  override readonly code = "ERR_NAME";
}

/** Calls in the wrong order, or while another call still runs. */
export class StateError extends LanewiseError {
  override readonly code = "ERR_STATE";
}

/** NaN or Infinity in data, loss, gradients or weights. The fields that are known are set; counting starts at 0, layers at 1. */
export class NonFiniteError extends LanewiseError {
  override readonly code = "ERR_NON_FINITE";
  epoch?: number;
  batch?: number;
  layer?: number;
}

/** Bytes that are not a model file; `offset` is where, in bytes from the start. */
export class FormatError extends LanewiseError {
  override readonly code = "ERR_FORMAT";
  constructor(message: string, readonly offset: number) {
    super(`${message} (at byte ${offset})`);
  }
}

/** Use of a network, session, matrix or backend after dispose(). */
export class DisposedError extends LanewiseError {
  override readonly code = "ERR_DISPOSED";
}

/**
 * No memory for `requested` bytes: linear memory cannot grow while `held` bytes of it are in use, or (held 0) the engine refuses an array.
 * Nothing has changed; a smaller request may work.
 */
export class OutOfMemoryError extends LanewiseError {
  override readonly code = "ERR_OUT_OF_MEMORY";
  constructor(where: string, readonly requested: number, readonly held = 0) {
    super(`${where}: memory must have room for ${requested} bytes, got a refusal with ${held} bytes of linear memory in use`);
  }
}

/** @internal By code: an error that comes from a worker gets its class back. */
export const errorClasses: Readonly<Record<string, { readonly prototype: LanewiseError }>> = {
  ERR_SHAPE: ShapeError, ERR_ARGUMENT: ArgumentError, ERR_NAME: NameError, ERR_STATE: StateError, ERR_NON_FINITE: NonFiniteError, ERR_FORMAT: FormatError,
  ERR_DISPOSED: DisposedError, ERR_OUT_OF_MEMORY: OutOfMemoryError,
};
