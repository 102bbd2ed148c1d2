"""German."""

from bot.words.catalogue import Words

GERMAN = Words(
    language="Deutsch",
    placeholder="Ich lese die Dokumente …",
    status="liest die Dokumente …",
    cut=(
        "… (hier gekürzt: Die Antwort ist zu lang für eine Nachricht in Slack; vollständig steht "
        "sie in den Quellen)"
    ),
    sources="Quellen",
    more="… und {count} weitere.",
    newer="Es gibt eine neuere Fassung:",
    conversation="eine Unterhaltung in Slack",
    page="Seite {number}",
    slide="Folie {number}",
    sheet="Blatt {name}",
    nearest=(
        "Die ähnlichste Stelle (dort steht es nicht so; prüfen Sie die Antwort, bevor Sie sich "
        "darauf verlassen)"
    ),
    nearest_of_refusal="Die ähnlichsten Stellen",
    nearest_not_compared="Die ähnlichste Stelle",
    not_compared=(
        "Wegen der Sprache konnte ich nicht alles mit den Dokumenten vergleichen: Prüfen Sie, was "
        "mit {mark} markiert ist, bevor Sie sich darauf verlassen."
    ),
    doubted=(
        "{mark} bedeutet, dass das in keiner Quelle steht; prüfen Sie es, bevor Sie sich darauf "
        "verlassen."
    ),
    newest="neueste Quelle: {date}",
    on_trial="auf Probe",
    reference="Kennung {id}",
    good="Gut",
    bad="Schlecht",
    good_answer="Gute Antwort",
    bad_answer="Schlechte Antwort",
    refused="Das steht nicht in den Dokumenten.",
    nearest_documents="Die ähnlichsten Dokumente, die ich gefunden habe: {titles}.",
    unsupported=(
        "Das Modell hat etwas geschrieben, das keine Quelle belegt; deshalb wird es nicht gezeigt. "
        "Dies sind die ähnlichsten Stellen."
    ),
    too_long=(
        "Ihre Frage ist zu lang, um sie zusammen mit den Dokumenten zu lesen. Bitte stellen Sie "
        "sie kürzer."
    ),
    english_only=(
        "Das Modell, das die Dokumente durchsucht, versteht nur Englisch; in anderen Sprachen "
        "findet es nur, was die Wörter der Frage enthält. Bitte fragen Sie auf Englisch oder mit "
        "den Wörtern der Dokumente. Die Person, die mich betreibt, kann ein Modell wählen, das "
        "viele Sprachen versteht."
    ),
    quoted="Das Modell antwortet gerade nicht. Die ähnlichsten Stellen:",
    unsure=(
        "Ich bin nicht sicher, ob die Dokumente das beantworten. In der ähnlichsten Stelle steht:"
    ),
    after_refusal=(
        "Fragen Sie mit anderen Worten, oder lassen Sie mit /phi3-ingest das Dokument hinzufügen, "
        "in dem die Antwort steht."
    ),
    try_again="Noch einmal versuchen",
    question_gone="Die Frage gibt es nicht mehr: Ich kann sie nicht noch einmal beantworten.",
    ask_expert="{name} fragen",
    expert_asked=(
        "in den Dokumenten steht nicht, was {asker} gefragt hat: „{question}“. Könnten "
        "Sie hier im Thread antworten?"
    ),
    expert_known="{name} wurde schon gefragt: Sehen Sie hier im Thread nach.",
    expert_gone="{name} ist nicht mehr da, deshalb habe ich niemanden gefragt.",
    after_quotation="Fragen Sie in ein paar Minuten noch einmal, dann antworte ich in einem Satz.",
    readers_unknown=(
        "Slack hat mir nicht gesagt, wer diese Unterhaltung lesen kann, und ohne das zeige ich "
        "kein Dokument. Laden Sie mich dazu ein, und fragen Sie noch einmal."
    ),
    help=(
        "Stellen Sie mir eine Frage in einem Satz, zum Beispiel: Wie bekomme ich einen neuen "
        "Laptop? Ich antworte aus den Dokumenten des Teams."
    ),
    help_thread="In diesem Thread müssen Sie mich nicht noch einmal erwähnen.",
    help_documents="/phi3-ingest help erklärt, wie man Dokumente hinzufügt.",
    denied_person=(
        "Danke für Ihre Frage, aber ich bin nicht dafür eingerichtet, Ihnen zu antworten; die "
        "Person, die mich betreibt, kann das ändern."
    ),
    denied_channel=(
        "Danke für Ihre Frage, aber ich bin nicht dafür eingerichtet, in diesem Channel zu "
        "antworten; bitte fragen Sie mich anderswo oder in einer Direktnachricht."
    ),
    quota_person=(
        "Danke für Ihre Frage; ich habe Ihnen innerhalb von {period} schon {most} beantwortet, "
        "mehr sind es je Person nicht, also fragen Sie mich bitte in {wait} wieder."
    ),
    quota_channel=(
        "Danke für Ihre Frage; ich habe in diesem Channel innerhalb von {period} schon {most} "
        "beantwortet, mehr sind es hier nicht, also fragen Sie mich bitte in {wait} wieder."
    ),
    one_hour="einer Stunde",
    one_day="einem Tag",
    minutes="{count} Min.",
    hours="{count} Std.",
    message_cut="Ich habe nur die ersten {count} Zeichen Ihrer Nachricht gelesen.",
    no_words="In dieser Nachricht stehen keine Wörter, auf die ich antworten könnte.",
    asked_already="Das wurde ich schon gefragt: Sehen Sie im Thread der Nachricht nach.",
    not_read=(
        "Ich habe Ihren Anhang nicht gelesen ({names}). Wenn Sie danach fragen möchten, fügen Sie "
        "ihn hinzu: Wählen Sie im Menü (⋮) Ihrer Nachricht „{entry}“."
    ),
    failure=(
        "Ich konnte nicht antworten. {what}\nFragen Sie in einer Minute noch einmal. Wenn der "
        "Fehler bleibt, geben Sie der Person, die mich betreibt, die Kennung {reference}."
    ),
    model_failed="Das Modell antwortet im Moment nicht.",
    search_failed="Ich kann die Dokumente im Moment nicht durchsuchen.",
    records_failed="Meine Datenbank antwortet im Moment nicht.",
    messenger_failed="Slack hat die Antwort nicht angenommen.",
    something_failed="Bei mir ist etwas schiefgegangen.",
    closed="Ich kann Ihre Frage „{question}“ nicht beantworten: {why}.",
    thread_locked="Der Thread ist gesperrt",
    thread_gone="Der Thread ist nicht mehr da",
    archived="Der Channel ist archiviert",
    not_member="Ich bin in diesem Channel kein Mitglied",
    not_seen="Ich sehe diese Unterhaltung nicht mehr",
    no_replies="Slack erlaubt keine Antworten auf diese Nachricht",
    not_allowed="Ich darf dort nicht schreiben",
    noted_good="Danke: als gut notiert. Das Training heute Nacht kann daraus lernen.",
    noted_only="Danke: als gut notiert.",
    noted_bad="Danke: als schlecht notiert.",
    undecided=(
        "Als gut notiert. Sie haben früher geschrieben, was an dieser Antwort falsch war: Solange "
        "beides gilt, zählt keines von beiden. Löschen Sie, was Sie geschrieben haben, oder senden "
        "Sie das Formular noch einmal."
    ),
    written=(
        "Was Sie zu dieser Antwort geschrieben haben, ist gespeichert. Mit 👎 können Sie es "
        "ändern, "
        "hier können Sie es löschen."
    ),
    deleted="Was Sie zu dieser Antwort geschrieben haben, ist gelöscht.",
    not_rated="Sonst haben Sie die Antwort nicht bewertet.",
    good_counts="Ihr 👍 zählt.",
    bad_counts="Ihr 👎 zählt weiterhin.",
    say_what_was_wrong="Sagen, was falsch war",
    delete_what_i_wrote="Löschen, was ich geschrieben habe",
    unknown_answer=(
        "Diese Antwort kenne ich nicht mehr, deshalb kann sie nicht bewertet werden. Fragen Sie "
        "noch einmal, dann bekommen Sie eine neue."
    ),
    other_conversation="Diese Antwort steht in einer anderen Unterhaltung; bewerten Sie sie dort.",
    rating_not_kept=(
        "Ihre Bewertung ist nicht gespeichert: {why} Drücken Sie in einer Minute noch einmal "
        "(Kennung {reference})."
    ),
    correction_not_kept="Nicht gespeichert: {why} Senden Sie es noch einmal (Kennung {reference}).",
    answer_changed=(
        "Nicht gespeichert: Meine Antwort wurde neu gegeben oder gelöscht, nachdem Sie dieses "
        "Formular geöffnet hatten. Kopieren Sie, was Sie geschrieben haben, sehen Sie sich die "
        "jetzige Antwort an, und bewerten Sie diese."
    ),
    answer_again=(
        "Sie haben gesagt, dass meine Antwort auf „{question}“ falsch war. Jetzt antworte ich:"
    ),
    gap_answered=(
        "Sie haben „{question}“ gefragt, und ich hatte keine gute Antwort. Jetzt antworte ich:"
    ),
    what_was_wrong="Was war falsch?",
    send="Senden",
    skip="Überspringen",
    fault_wrong="Sie ist falsch",
    fault_outdated="Sie ist veraltet",
    fault_incomplete="Sie ist unvollständig",
    fault_source="Sie stammt aus der falschen Quelle",
    fault_unwanted="Ich hätte nicht antworten sollen",
    right_answer="Die richtige Antwort, so wie ich sie hätte geben sollen",
    where_it_stands="Wo es steht: ein Link oder der Name eines Dokuments",
    too_many_characters="Das sind {count} Zeichen; erlaubt sind höchstens {most}.",
    thanks_title="Notiert",
    thanks="Danke. Aus einer richtigen Antwort können die nächsten Nächte lernen.",
    thanks_only="Danke.",
    close="Schließen",
    verified="bestätigt von {name} am {date}",
    card_offered=(
        "Danke, {name}. Soll ich das, was Sie geschrieben haben, als Antwort auf „{question}“ "
        "behalten? Dann gebe ich sie anderen, die fragen, mit Ihrem Namen."
    ),
    card_keep="Als Antwort behalten",
    card_kept=(
        "{name} hat die Antwort auf „{question}“ bestätigt. Von jetzt an gebe ich sie allen, die "
        "fragen."
    ),
    card_change="Ändern",
    card_withdraw="Zurückziehen",
    card_sure="Ich gebe diese Antwort dann niemandem mehr.",
    card_withdrawn=(
        "Die Antwort, die hier behalten wurde, ist zurückgezogen: Ich gebe sie nicht mehr."
    ),
    card_told="{name} hat eine Antwort auf Ihre Frage „{question}“ bestätigt: {answer}",
    card_not_yours="Das kann nur {name} tun, weil die Frage an diese Person ging, oder ein Admin.",
    card_gone="Diese Frage gibt es nicht mehr, deshalb wird nichts davon behalten.",
    card_confirmed="{name} hat inzwischen eine Antwort bestätigt.",
    form_is_older="Dieses Formular ist älter: Schließen Sie es und öffnen Sie es noch einmal.",
    card_failed=(
        "Ihre Antwort ist bestätigt, aber ich kann sie noch nicht geben: {why} Wählen Sie "
        "„{change}“ und senden Sie sie noch einmal."
    ),
    card_question="Die Frage",
    card_answer="Die Antwort, wie andere sie lesen sollen",
    card_link="Wo es steht, falls irgendwo: ein Link",
    card_readers=(
        "Wer sie lesen kann: {readers}. Auch trainiert werden kann damit, wenn alle hier sie "
        "lesen können und Sie das in meinem Home-Tab erlauben."
    ),
    readers_all="alle Mitglieder dieses Workspace",
    readers_here="alle in diesem Channel",
    card_cut="Sie haben mehr geschrieben, als in dieses Formular passt, deshalb fehlt das Ende.",
    card_empty="Bitte schreiben Sie hier etwas.",
    card_no_link="Bitte schreiben Sie einen ganzen Link, der mit https:// beginnt.",
    only_for_me="Nur für mich",
    share_here="Dort zeigen, wo ich gefragt habe",
    only_asker="Das kann nur, wer gefragt hat.",
    asked_privately="Nur für Sie, zu Ihrer Frage:",
    private_now="Nur Sie sehen meine Antwort: Sie steht in unseren Direktnachrichten.",
    shared_now="Meine Antwort steht jetzt im Thread, in dem Sie gefragt haben.",
    not_shared="Ich habe sie nicht geteilt: Nicht alle dort dürfen alle ihre Quellen lesen.",
    not_moved="Das konnte ich nicht tun: {why}",
    taken_away="Diese Antwort sieht jetzt nur noch, wer gefragt hat.",
)
