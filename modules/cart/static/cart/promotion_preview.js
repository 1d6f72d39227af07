// The preview beside a promotion's form: asked anew a moment after staff stop typing. Nothing is saved by it.
"use strict";

(() => {
    const PAUSE = 400, KEPT = "cart-example:";

    const begin = () => {
        const panel = document.getElementById("promotion-preview");
        const form = panel && panel.closest("form");
        if (!form) return;
        const answer = panel.querySelector("[data-answer]");
        let pause, asked, sent;

        const ask = async () => {
            const body = new URLSearchParams(new FormData(form)).toString();
            if (body === sent) return;
            sent = body;
            if (asked) asked.abort();
            asked = new AbortController();
            try {
                const response = await fetch(panel.dataset.url, {
                    method: "POST",
                    body,
                    headers: {"Content-Type": "application/x-www-form-urlencoded", "X-Fragment": "1"},
                    signal: asked.signal,
                });
                if (!response.ok || response.redirected) throw new Error(response.status);
                answer.innerHTML = await response.text();
            } catch (error) {
                if (error.name !== "AbortError") answer.textContent = "There is no preview now; reload this page.";
            }
        };
        const typed = () => {
            keep(panel);
            clearTimeout(pause);
            pause = setTimeout(ask, PAUSE);
        };

        recall(panel);
        form.addEventListener("input", typed);
        form.addEventListener("change", typed);
        // The calendar and the clock beside times write without an event of their own, and hand the focus back.
        form.addEventListener("focusin", typed);
        ask();
    };

    // The example outlives saving, in this tab.
    const fields = (panel) => panel.querySelectorAll("[name^='example-']");
    const keep = (panel) => fields(panel).forEach((field) => sessionStorage.setItem(KEPT + field.name, field.value));
    const recall = (panel) => fields(panel).forEach((field) => {
        field.value = sessionStorage.getItem(KEPT + field.name) || field.value;
    });

    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
    else begin();
})();
