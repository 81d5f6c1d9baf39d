// Speaking to a contestant that works elsewhere: a process in Node, a worker in the page. bench/answers.mjs is the other end.

/**
 * Starts one. Rejects with the reason if it cannot be loaded. A channel is { send(message), onReply(listener),
 * onEnd(listener), extra(workload), close() }: `extra` is what `prepare` is sent beside the workload's name.
 */
export async function openChannel(contestant, channel) {
  let pending;
  let ended;
  channel.onReply((reply) => pending?.resolve(reply));
  channel.onEnd((reason) => {
    ended = new Error(`${contestant.label}: it ended (${reason})`);
    pending?.reject(ended);
  });
  const ask = (message) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      pending = { resolve, reject };
      channel.send(message);
    }).then((reply) => {
      if (reply.error) throw new Error(`${contestant.label}: ${reply.error}`);
      return reply;
    });
  const close = () => channel.close();
  try {
    const { version } = await ask({ command: "start" });
    return {
      ...contestant,
      version,
      close,
      prepare: (workload) => ask({ command: "prepare", id: workload.id, ...channel.extra(workload) }),
      sample: async (calls) => (await ask({ command: "sample", calls })).time,
    };
  } catch (error) {
    close();
    throw error;
  }
}
