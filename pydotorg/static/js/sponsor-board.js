// Sponsorship board: dropping a card on a column opens the form of the transition to that state. The card moves after that form is submitted.
const board = document.querySelector("[data-board]");

if (board) {
  const transitions = (card) => new Map(card.dataset.drops.split(" ").filter(Boolean).map((pair) => pair.split(":")));
  let dragged = null;

  board.addEventListener("dragstart", ({ target, dataTransfer }) => {
    dragged = target.closest("[data-card]");
    if (!dragged) return;
    dataTransfer.effectAllowed = "move";
    const possible = transitions(dragged);
    for (const column of board.querySelectorAll("[data-stage]")) column.classList.toggle("is-open", possible.has(column.dataset.stage));
  });
  board.addEventListener("dragover", (event) => {
    const column = event.target.closest(".is-open");
    if (dragged && column) event.preventDefault();
  });
  board.addEventListener("drop", (event) => {
    const column = event.target.closest(".is-open");
    if (!dragged || !column) return;
    event.preventDefault();
    window.location.href = `${window.location.pathname}${dragged.dataset.card}/do/${transitions(dragged).get(column.dataset.stage)}/`;
  });
  board.addEventListener("dragend", () => {
    dragged = null;
    for (const column of board.querySelectorAll(".is-open")) column.classList.remove("is-open");
  });
}
