"""French."""

from bot.words.catalogue import Words

FRENCH = Words(
    language="Français",
    placeholder="Je lis les documents…",
    status="lit les documents…",
    cut=(
        "… (coupé ici : la réponse est trop longue pour un message dans Slack ; elle est complète "
        "dans les sources)"
    ),
    sources="Sources",
    more="… et {count} de plus.",
    newer="Il existe une version plus récente :",
    conversation="une conversation dans Slack",
    page="page {number}",
    slide="diapositive {number}",
    sheet="feuille {name}",
    nearest=(
        "Le passage le plus proche (il ne dit pas cela : vérifiez avant de vous fier à la réponse)"
    ),
    nearest_of_refusal="Les passages les plus proches",
    nearest_not_compared="Le passage le plus proche",
    not_compared=(
        "À cause de la langue, je n’ai pas pu tout comparer avec les documents : vérifiez ce qui "
        "est marqué {mark} avant de vous y fier."
    ),
    doubted="{mark} signifie qu’aucun passage ne le dit ; vérifiez-le avant de vous y fier.",
    newest="source la plus récente : {date}",
    on_trial="à l’essai",
    reference="référence {id}",
    good="Bonne",
    bad="Mauvaise",
    good_answer="Bonne réponse",
    bad_answer="Mauvaise réponse",
    refused="Les documents ne le disent pas.",
    nearest_documents="Les documents les plus proches que j’ai trouvés : {titles}.",
    unsupported=(
        "Le modèle a écrit quelque chose qu’aucun passage ne confirme ; ce n’est donc pas affiché. "
        "Voici les passages les plus proches."
    ),
    too_long=(
        "Votre question est trop longue pour être lue avec les documents. Posez-la de nouveau en "
        "moins de mots, s’il vous plaît."
    ),
    english_only=(
        "Le modèle qui cherche dans les documents ne comprend que l’anglais ; dans une autre "
        "langue, il ne trouve que ce qui contient les mots de la question. Posez-la en anglais ou "
        "avec les mots des documents, s’il vous plaît. La personne qui me gère peut choisir un "
        "modèle qui comprend de nombreuses langues."
    ),
    quoted="Le modèle ne répond pas en ce moment. Les passages les plus proches :",
    unsure=(
        "Je ne suis pas sûr que les documents répondent à cette question. Le passage le plus "
        "proche dit :"
    ),
    after_refusal=(
        "Posez la question autrement, ou faites ajouter avec /phi3-ingest le document qui contient "
        "la réponse."
    ),
    try_again="Réessayer",
    question_gone="La question n’existe plus : je ne peux pas y répondre à nouveau.",
    ask_expert="Demander à {name}",
    expert_asked=(
        "les documents ne disent pas ce que {asker} a demandé : « {question} ». "
        "Pourriez-vous répondre ici, dans ce fil ?"
    ),
    expert_known="{name} a déjà été sollicité : regardez dans ce fil.",
    expert_gone="{name} n’est plus là : je n’ai donc sollicité personne.",
    after_quotation="Reposez la question dans quelques minutes pour obtenir une réponse rédigée.",
    readers_unknown=(
        "Slack ne m’a pas dit qui peut lire cette conversation, et sans cela je ne montre aucun "
        "document. Invitez-moi dans la conversation, puis reposez la question."
    ),
    help=(
        "Posez-moi une question en une phrase, par exemple : Comment obtenir un nouvel "
        "ordinateur ? "
        "Je réponds à partir des documents de l’équipe."
    ),
    help_thread="Dans ce fil, inutile de me mentionner de nouveau.",
    help_documents="/phi3-ingest help explique comment ajouter des documents.",
    denied_person=(
        "Merci pour votre question, mais je ne suis pas configuré pour vous répondre ; la personne "
        "qui me gère peut changer cela."
    ),
    denied_channel=(
        "Merci pour votre question, mais je ne suis pas configuré pour répondre dans ce canal ; "
        "posez-la-moi ailleurs ou dans un message direct."
    ),
    quota_person=(
        "Merci pour votre question ; j’ai déjà répondu à {most} des vôtres en {period}, ce qui est "
        "la limite par personne : posez-la-moi de nouveau dans {wait}."
    ),
    quota_channel=(
        "Merci pour votre question ; j’ai déjà répondu à {most} dans ce canal en {period}, ce qui "
        "est sa limite : posez-la-moi de nouveau dans {wait}."
    ),
    one_hour="une heure",
    one_day="un jour",
    minutes="environ {count} min",
    hours="environ {count} h",
    message_cut="Je n’ai lu que les {count} premiers caractères de votre message.",
    no_words="Ce message ne contient aucun mot auquel je pourrais répondre.",
    asked_already="On m’a déjà posé cette question : regardez dans le fil du message.",
    not_read=(
        "Je n’ai pas lu ce que vous avez joint ({names}). Pour m’interroger à ce sujet, "
        "ajoutez-le : "
        "dans le menu (⋮) de votre message, choisissez « {entry} »."
    ),
    failure=(
        "Je n’ai pas pu répondre. {what}\nReposez la question dans une minute ; si l’erreur "
        "persiste, donnez la référence {reference} à la personne qui me gère."
    ),
    model_failed="Le modèle ne répond pas pour le moment.",
    search_failed="Je ne peux pas chercher dans les documents pour le moment.",
    records_failed="Ma base de données ne répond pas pour le moment.",
    messenger_failed="Slack ne m’a pas laissé répondre.",
    something_failed="Quelque chose s’est mal passé de mon côté.",
    closed="Je ne peux pas répondre à votre question « {question} » : {why}.",
    thread_locked="le fil est verrouillé",
    thread_gone="le fil n’existe plus",
    archived="le canal est archivé",
    not_member="je ne suis pas membre de ce canal",
    not_seen="je ne vois plus cette conversation",
    no_replies="Slack n’autorise pas de réponse à ce message",
    not_allowed="je n’ai pas le droit d’y écrire",
    noted_good="Merci : notée comme bonne. L’entraînement de cette nuit pourra s’en servir.",
    noted_only="Merci : notée comme bonne.",
    noted_bad="Merci : notée comme mauvaise.",
    undecided=(
        "Notée comme bonne. Vous avez écrit auparavant ce qui n’allait pas dans cette réponse : "
        "tant que les deux subsistent, aucun ne compte. Supprimez ce que vous avez écrit, ou "
        "renvoyez le formulaire."
    ),
    written=(
        "Ce que vous avez écrit sur cette réponse est enregistré. Vous pouvez le modifier avec 👎, "
        "ou le supprimer ici."
    ),
    deleted="Ce que vous avez écrit sur cette réponse est supprimé.",
    not_rated="Vous n’avez pas noté la réponse autrement.",
    good_counts="Votre 👍 compte.",
    bad_counts="Votre 👎 compte toujours.",
    say_what_was_wrong="Dire ce qui n’allait pas",
    delete_what_i_wrote="Supprimer ce que j’ai écrit",
    unknown_answer=(
        "Je ne connais plus cette réponse ; elle ne peut donc pas être notée. Reposez la question "
        "pour en obtenir une nouvelle."
    ),
    other_conversation="Cette réponse se trouve dans une autre conversation ; notez-la là-bas.",
    rating_not_kept=(
        "Votre note n’est pas enregistrée : {why} Appuyez de nouveau dans une minute (référence "
        "{reference})."
    ),
    correction_not_kept="Non enregistré : {why} Envoyez de nouveau (référence {reference}).",
    answer_changed=(
        "Non enregistré : ma réponse a été refaite ou supprimée après l’ouverture de ce "
        "formulaire. Copiez ce que vous avez écrit, regardez la réponse actuelle et évaluez-la."
    ),
    answer_again="Vous avez dit que ma réponse à « {question} » était fausse. Voici ma réponse :",
    gap_answered=(
        "Vous avez demandé « {question} », et je n’avais pas de bonne réponse. Voici ma réponse :"
    ),
    what_was_wrong="Qu’est-ce qui cloche ?",
    send="Envoyer",
    skip="Passer",
    fault_wrong="Elle est fausse",
    fault_outdated="Elle n’est plus à jour",
    fault_incomplete="Elle est incomplète",
    fault_source="Elle vient de la mauvaise source",
    fault_unwanted="Je n’aurais pas dû répondre",
    right_answer="La bonne réponse, telle que j’aurais dû la donner",
    where_it_stands="Où cela se trouve : un lien ou le nom d’un document",
    too_many_characters="Ce texte a {count} caractères ; {most} au plus sont permis.",
    thanks_title="C’est noté",
    thanks="Merci. Avec une bonne réponse, les prochaines nuits pourront apprendre.",
    thanks_only="Merci.",
    close="Fermer",
    verified="confirmé par {name} le {date}",
    card_offered=(
        "Merci, {name}. Dois-je garder ce que vous avez écrit comme réponse à « {question} » ? "
        "Je la donnerai alors aux autres qui demandent, avec votre nom."
    ),
    card_keep="Garder comme réponse",
    card_kept=(
        "{name} a confirmé la réponse à « {question} ». Je la donne désormais à ceux qui demandent."
    ),
    card_change="Modifier",
    card_withdraw="Retirer",
    card_sure="Je ne donnerai plus cette réponse à personne.",
    card_withdrawn="La réponse gardée ici est retirée : je ne la donne plus.",
    card_told="{name} a confirmé une réponse à votre question « {question} » : {answer}",
    card_not_yours="Seule la personne interrogée, {name}, ou un administrateur peut le faire.",
    card_gone="Cette question n'existe plus, donc rien n'en est gardé.",
    card_confirmed="{name} a confirmé une réponse entre-temps.",
    form_is_older="Ce formulaire est plus ancien : fermez-le et ouvrez-le de nouveau.",
    card_failed=(
        "Votre réponse est confirmée, mais je ne peux pas encore la donner : {why} Choisissez « "
        "{change} » et envoyez-la de nouveau."
    ),
    card_question="La question",
    card_answer="La réponse, telle que les autres la liront",
    card_link="Où cela figure, le cas échéant : un lien",
    card_readers=(
        "Qui peut la lire : {readers}. Elle peut aussi servir à l'entraînement, si tout le monde "
        "ici peut la lire et si vous le permettez dans mon onglet Accueil."
    ),
    readers_all="tous les membres de cet espace de travail",
    readers_here="tout le monde dans ce canal",
    card_cut="Vous avez écrit plus que ce formulaire n'accepte : il manque la fin.",
    card_empty="Veuillez écrire quelque chose ici.",
    card_no_link="Veuillez écrire un lien entier, qui commence par https://",
    only_for_me="Seulement pour moi",
    share_here="Partager là où j'ai demandé",
    only_asker="Seule la personne qui a posé la question peut le faire.",
    asked_privately="Pour vous, à votre question :",
    private_now="Personne d'autre ne voit ma réponse : elle est dans nos messages directs.",
    shared_now="Ma réponse est maintenant dans le fil où vous avez posé la question.",
    not_shared="Je ne l'ai pas partagée : là-bas, tout le monde ne peut pas lire ses sources.",
    not_moved="Je n'ai pas pu le faire : {why}",
    taken_away="Cette réponse n'est plus visible que pour la personne qui a posé la question.",
)
