// Shows the words of an answer as they come, and then its page with the sources.
const words = document.getElementById("words");
const state = document.getElementById("state");
const events = new EventSource(words.dataset.from);
// The server begins with the first word each time, also after a lost connection.
events.onopen = () => { words.textContent = ""; };
events.onmessage = (event) => {
  state.textContent = words.dataset.says;
  words.append(JSON.parse(event.data));
};
events.onerror = () => {
  // The browser gives up where it was answered something else: the session has ended, say.
  if (events.readyState === EventSource.CLOSED) location.reload();
  else state.textContent = "The connection was lost; trying again …";
};
events.addEventListener("done", () => { events.close(); location.reload(); });
